package dev.emrys.emulator;

import software.amazon.awssdk.services.emr.model.AddInstanceFleetRequest;
import software.amazon.awssdk.services.emr.model.AddInstanceFleetResponse;
import software.amazon.awssdk.services.emr.model.AddInstanceGroupsRequest;
import software.amazon.awssdk.services.emr.model.AddInstanceGroupsResponse;
import software.amazon.awssdk.services.emr.model.CreateSecurityConfigurationRequest;
import software.amazon.awssdk.services.emr.model.CreateSecurityConfigurationResponse;
import software.amazon.awssdk.services.emr.model.CreateStudioRequest;
import software.amazon.awssdk.services.emr.model.CreateStudioResponse;
import software.amazon.awssdk.services.emr.model.CreateStudioSessionMappingRequest;
import software.amazon.awssdk.services.emr.model.CreateStudioSessionMappingResponse;
import software.amazon.awssdk.services.emr.model.DeleteSecurityConfigurationRequest;
import software.amazon.awssdk.services.emr.model.DeleteSecurityConfigurationResponse;
import software.amazon.awssdk.services.emr.model.DeleteStudioRequest;
import software.amazon.awssdk.services.emr.model.DeleteStudioResponse;
import software.amazon.awssdk.services.emr.model.DeleteStudioSessionMappingRequest;
import software.amazon.awssdk.services.emr.model.DeleteStudioSessionMappingResponse;
import software.amazon.awssdk.services.emr.model.DescribeReleaseLabelRequest;
import software.amazon.awssdk.services.emr.model.DescribeReleaseLabelResponse;
import software.amazon.awssdk.services.emr.model.DescribeSecurityConfigurationRequest;
import software.amazon.awssdk.services.emr.model.DescribeSecurityConfigurationResponse;
import software.amazon.awssdk.services.emr.model.DescribeStudioRequest;
import software.amazon.awssdk.services.emr.model.DescribeStudioResponse;
import software.amazon.awssdk.services.emr.model.GetBlockPublicAccessConfigurationRequest;
import software.amazon.awssdk.services.emr.model.GetBlockPublicAccessConfigurationResponse;
import software.amazon.awssdk.services.emr.model.GetManagedScalingPolicyRequest;
import software.amazon.awssdk.services.emr.model.GetManagedScalingPolicyResponse;
import software.amazon.awssdk.services.emr.model.GetStudioSessionMappingRequest;
import software.amazon.awssdk.services.emr.model.GetStudioSessionMappingResponse;
import software.amazon.awssdk.services.emr.model.ListReleaseLabelsRequest;
import software.amazon.awssdk.services.emr.model.ListReleaseLabelsResponse;
import software.amazon.awssdk.services.emr.model.ListSecurityConfigurationsRequest;
import software.amazon.awssdk.services.emr.model.ListSecurityConfigurationsResponse;
import software.amazon.awssdk.services.emr.model.ListStudioSessionMappingsRequest;
import software.amazon.awssdk.services.emr.model.ListStudioSessionMappingsResponse;
import software.amazon.awssdk.services.emr.model.ListStudiosRequest;
import software.amazon.awssdk.services.emr.model.ListStudiosResponse;
import software.amazon.awssdk.services.emr.model.ListSupportedInstanceTypesRequest;
import software.amazon.awssdk.services.emr.model.ListSupportedInstanceTypesResponse;
import software.amazon.awssdk.services.emr.model.ModifyInstanceFleetRequest;
import software.amazon.awssdk.services.emr.model.ModifyInstanceFleetResponse;
import software.amazon.awssdk.services.emr.model.ModifyInstanceGroupsRequest;
import software.amazon.awssdk.services.emr.model.ModifyInstanceGroupsResponse;
import software.amazon.awssdk.services.emr.model.PutAutoScalingPolicyRequest;
import software.amazon.awssdk.services.emr.model.PutAutoScalingPolicyResponse;
import software.amazon.awssdk.services.emr.model.PutBlockPublicAccessConfigurationRequest;
import software.amazon.awssdk.services.emr.model.PutBlockPublicAccessConfigurationResponse;
import software.amazon.awssdk.services.emr.model.PutManagedScalingPolicyRequest;
import software.amazon.awssdk.services.emr.model.PutManagedScalingPolicyResponse;
import software.amazon.awssdk.services.emr.model.RemoveAutoScalingPolicyRequest;
import software.amazon.awssdk.services.emr.model.RemoveAutoScalingPolicyResponse;
import software.amazon.awssdk.services.emr.model.RemoveManagedScalingPolicyRequest;
import software.amazon.awssdk.services.emr.model.RemoveManagedScalingPolicyResponse;
import software.amazon.awssdk.services.emr.model.UpdateStudioRequest;
import software.amazon.awssdk.services.emr.model.UpdateStudioResponse;
import software.amazon.awssdk.services.emr.model.UpdateStudioSessionMappingRequest;
import software.amazon.awssdk.services.emr.model.UpdateStudioSessionMappingResponse;

/**
 * The operations that neither create, show, change nor end a cluster or its steps as a whole: on the account's
 * resources, and on the parts of a cluster.
 */
abstract class AccountOperations extends InteractiveOperations {

    private final SecurityCalls security;
    private final StudioCalls studios;
    private final ScalingCalls scaling;
    private final InstanceChangeCalls changes;

    AccountOperations(EmulatorPorts ports, EmulatorSettings settings, Transactor transactor) {
        super(ports, settings, transactor);
        security = new SecurityCalls(settings, transactor);
        studios = new StudioCalls(settings, transactor);
        scaling = new ScalingCalls(transactor, settings);
        changes = new InstanceChangeCalls(transactor, settings);
    }

    @Override
    public CreateSecurityConfigurationResponse createSecurityConfiguration(CreateSecurityConfigurationRequest request) {
        return call("CreateSecurityConfiguration", request, account -> security.create(account, request));
    }

    @Override
    public DescribeSecurityConfigurationResponse describeSecurityConfiguration(
            DescribeSecurityConfigurationRequest request) {
        return call("DescribeSecurityConfiguration", request, account -> security.describe(account, request));
    }

    @Override
    public ListSecurityConfigurationsResponse listSecurityConfigurations(ListSecurityConfigurationsRequest request) {
        return call("ListSecurityConfigurations", request, account -> security.list(account, request));
    }

    @Override
    public DeleteSecurityConfigurationResponse deleteSecurityConfiguration(DeleteSecurityConfigurationRequest request) {
        return call("DeleteSecurityConfiguration", request, account -> security.delete(account, request));
    }

    @Override
    public GetBlockPublicAccessConfigurationResponse getBlockPublicAccessConfiguration(
            GetBlockPublicAccessConfigurationRequest request) {
        return call("GetBlockPublicAccessConfiguration", request, account -> security.blockPublicAccess(account));
    }

    @Override
    public PutBlockPublicAccessConfigurationResponse putBlockPublicAccessConfiguration(
            PutBlockPublicAccessConfigurationRequest request) {
        return call(
                "PutBlockPublicAccessConfiguration",
                request,
                account -> security.putBlockPublicAccess(account, request));
    }

    @Override
    public CreateStudioResponse createStudio(CreateStudioRequest request) {
        return call("CreateStudio", request, account -> studios.create(account, request));
    }

    @Override
    public DescribeStudioResponse describeStudio(DescribeStudioRequest request) {
        return call("DescribeStudio", request, account -> studios.describe(account, request));
    }

    @Override
    public ListStudiosResponse listStudios(ListStudiosRequest request) {
        return call("ListStudios", request, account -> studios.list(account, request));
    }

    @Override
    public UpdateStudioResponse updateStudio(UpdateStudioRequest request) {
        return call("UpdateStudio", request, account -> studios.update(account, request));
    }

    @Override
    public DeleteStudioResponse deleteStudio(DeleteStudioRequest request) {
        return call("DeleteStudio", request, account -> studios.delete(account, request));
    }

    @Override
    public CreateStudioSessionMappingResponse createStudioSessionMapping(CreateStudioSessionMappingRequest request) {
        return call("CreateStudioSessionMapping", request, account -> studios.createMapping(account, request));
    }

    @Override
    public GetStudioSessionMappingResponse getStudioSessionMapping(GetStudioSessionMappingRequest request) {
        return call("GetStudioSessionMapping", request, account -> studios.getMapping(account, request));
    }

    @Override
    public ListStudioSessionMappingsResponse listStudioSessionMappings(ListStudioSessionMappingsRequest request) {
        return call("ListStudioSessionMappings", request, account -> studios.listMappings(account, request));
    }

    @Override
    public UpdateStudioSessionMappingResponse updateStudioSessionMapping(UpdateStudioSessionMappingRequest request) {
        return call("UpdateStudioSessionMapping", request, account -> studios.updateMapping(account, request));
    }

    @Override
    public DeleteStudioSessionMappingResponse deleteStudioSessionMapping(DeleteStudioSessionMappingRequest request) {
        return call("DeleteStudioSessionMapping", request, account -> studios.deleteMapping(account, request));
    }

    @Override
    public PutManagedScalingPolicyResponse putManagedScalingPolicy(PutManagedScalingPolicyRequest request) {
        return call("PutManagedScalingPolicy", request, account -> scaling.putManaged(account, request));
    }

    @Override
    public GetManagedScalingPolicyResponse getManagedScalingPolicy(GetManagedScalingPolicyRequest request) {
        return call("GetManagedScalingPolicy", request, account -> scaling.getManaged(account, request));
    }

    @Override
    public RemoveManagedScalingPolicyResponse removeManagedScalingPolicy(RemoveManagedScalingPolicyRequest request) {
        return call("RemoveManagedScalingPolicy", request, account -> scaling.removeManaged(account, request));
    }

    @Override
    public PutAutoScalingPolicyResponse putAutoScalingPolicy(PutAutoScalingPolicyRequest request) {
        return call("PutAutoScalingPolicy", request, account -> scaling.putAutomatic(account, request));
    }

    @Override
    public RemoveAutoScalingPolicyResponse removeAutoScalingPolicy(RemoveAutoScalingPolicyRequest request) {
        return call("RemoveAutoScalingPolicy", request, account -> scaling.removeAutomatic(account, request));
    }

    @Override
    public AddInstanceGroupsResponse addInstanceGroups(AddInstanceGroupsRequest request) {
        return call("AddInstanceGroups", request, account -> changes.addGroups(account, request));
    }

    @Override
    public ModifyInstanceGroupsResponse modifyInstanceGroups(ModifyInstanceGroupsRequest request) {
        return call("ModifyInstanceGroups", request, account -> changes.modifyGroups(account, request));
    }

    @Override
    public AddInstanceFleetResponse addInstanceFleet(AddInstanceFleetRequest request) {
        return call("AddInstanceFleet", request, account -> changes.addFleet(account, request));
    }

    @Override
    public ModifyInstanceFleetResponse modifyInstanceFleet(ModifyInstanceFleetRequest request) {
        return call("ModifyInstanceFleet", request, account -> changes.modifyFleet(account, request));
    }

    @Override
    public ListReleaseLabelsResponse listReleaseLabels(ListReleaseLabelsRequest request) {
        return call("ListReleaseLabels", request, account -> ReleaseCalls.labels(request));
    }

    @Override
    public DescribeReleaseLabelResponse describeReleaseLabel(DescribeReleaseLabelRequest request) {
        return call("DescribeReleaseLabel", request, account -> ReleaseCalls.describe(request));
    }

    @Override
    public ListSupportedInstanceTypesResponse listSupportedInstanceTypes(ListSupportedInstanceTypesRequest request) {
        return call("ListSupportedInstanceTypes", request, account -> ReleaseCalls.instanceTypes(request));
    }
}
